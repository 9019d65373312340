package api

import "github.com/danielgtaylor/huma/v2"

func (s *API) imports(_ huma.API) {}
