package storage

import "encoding/json"

// One reads the JSON of the first row's only column into dst and tells whether there was one.
func One[T any](tx *Tx, dst *T, query string, args ...any) (bool, error) {
	var body []byte
	found, err := tx.Row(query, args, &body)
	if err != nil || !found {
		return found, err
	}
	return true, json.Unmarshal(body, dst)
}

// All reads the JSON of every row's only column.
func All[T any](tx *Tx, query string, args ...any) ([]T, error) {
	var out []T
	err := tx.Query(query, args, func(scan func(...any) error) error {
		var body []byte
		if err := scan(&body); err != nil {
			return err
		}
		var t T
		err := json.Unmarshal(body, &t)
		out = append(out, t)
		return err
	})
	return out, err
}
