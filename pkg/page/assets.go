package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"net/http"
	"path"
	"strings"
	"sync"
)

// AssetsPath is below which assets are.
const AssetsPath = "/assets/"

const themesPath = AssetsPath + "theme/"

//go:embed assets
var files embed.FS

// kinds are what assets may be.
var kinds = map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}

var errAsset = errors.New("page: there is no such asset")

// asset is a file whose address changes whenever it does, so that browsers may keep it for ever.
type asset struct {
	path, kind, tag string
	content         []byte
	zipped          func() []byte // of content, once
}

func newAsset(name string, content []byte) *asset {
	sum := sha256.Sum256(content)
	tag := hex.EncodeToString(sum[:8])
	extension := path.Ext(name)
	return &asset{
		path: AssetsPath + strings.TrimSuffix(name, extension) + "." + tag + extension, kind: kinds[extension], tag: tag,
		content: content, zipped: sync.OnceValue(func() []byte { return zipped(content) }),
	}
}

// assets are all that there are, by name and by path, read once. They are embedded, so a failure is a defect: it panics.
var assets = sync.OnceValue(func() map[string]*asset {
	all := map[string]*asset{}
	entries, err := files.ReadDir("assets")
	if err != nil {
		panic(err)
	}
	for _, e := range entries {
		content, err := files.ReadFile("assets/" + e.Name())
		if err != nil {
			panic(err)
		}
		a := newAsset(e.Name(), content)
		all[e.Name()], all[a.path] = a, a
	}
	return all
})

// assetPath is where browsers find an asset.
func assetPath(name string) (string, error) {
	a, there := assets()[name]
	if !there {
		return "", errAsset
	}
	return a.path, nil
}

// maxThemes is how many themes are kept: as many as a vendor's customers have, more or less, and few of the 16 million that anybody may
// ask for.
const maxThemes = 200

var themes = struct {
	sync.Mutex
	made map[color]*asset
}{made: map[color]*asset{}}

// theme is the stylesheet of a color.
func theme(c color) *asset {
	themes.Lock()
	defer themes.Unlock()
	if a := themes.made[c]; a != nil {
		return a
	}
	if len(themes.made) >= maxThemes {
		clear(themes.made)
	}
	a := newAsset("theme/"+c.String()[1:]+".css", []byte(themeOf(c)))
	themes.made[c] = a
	return a
}

func themePath(c color) string { return theme(c).path }

// assetAt finds what stands at a path.
func assetAt(at string) *asset {
	if name, themed := strings.CutPrefix(at, themesPath); themed {
		hex, _, _ := strings.Cut(name, ".")
		if c, ok := parseColor("#" + hex); ok {
			if a := theme(c); a.path == at {
				return a
			}
		}
		return nil
	}
	if !strings.HasPrefix(at, AssetsPath) {
		return nil
	}
	return assets()[at]
}

// ServeHTTP answers with the asset (RFC 9110 §13.1.2 for browsers that ask again).
func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	h := w.Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Content-Type", a.kind)
	h.Set("Vary", "Accept-Encoding")
	content, tag := a.content, `"`+a.tag+`"`
	if acceptsGzip(r) {
		content, tag = a.zipped(), `"`+a.tag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", tag)
	if r.Header.Get("If-None-Match") == tag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	send(w, r, http.StatusOK, content)
}
