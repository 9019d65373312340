// Package messages carries the message files, the only place where the product's sentences stand.
package messages

import "embed"

// FS holds a flat JSON file a language: zh-CN.json and en.json for the pages, server.* for the server.
//
//go:embed *.json
var FS embed.FS
