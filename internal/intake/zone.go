package intake

import "time"

// Zone is the zone that the mapping's times are read in.
func (m Mapping) Zone() *time.Location { return m.zone }
