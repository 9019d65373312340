// Package arrows holds one test and no code: which package may import which (docs/architecture.md).
package arrows
