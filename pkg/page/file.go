package page

import (
	"encoding/base64"
	"errors"
	"html/template"
	"slices"
	"strings"
)

var errFile = errors.New("page: a file on a page is CSV, NDJSON or plain text")

// fileTypes are what files on a page may be: browsers save them and run none.
var fileTypes = []string{"text/csv; charset=utf-8", "application/x-ndjson", "text/plain; charset=utf-8"}

// carried is the address of a file that travels with the page, for a link with the attribute download: it is saved as it is, to the byte.
func carried(kind string, data []byte) (template.URL, error) {
	if !slices.Contains(fileTypes, kind) {
		return "", errFile
	}
	return template.URL("data:" + strings.ReplaceAll(kind, " ", "") + ";base64," + base64.StdEncoding.EncodeToString(data)), nil
}
