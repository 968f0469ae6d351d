package clickhouse

import (
	"fmt"
	"runtime"
)

// engineEnv names a libchdb to use instead of one that is fetched.
const engineEnv = "EVENTSYNC_LIBCHDB"

// enginePackage is a package of the npm registry that has libchdb in it.
type enginePackage struct {
	name, version string
	integrity     string // of the package: "sha512-" and base64, as npm writes it
	file          string // in the package
	size          int64  // of the file, in bytes
}

// enginePackages has a package for each platform, as GOOS/GOARCH, that has been fetched and tried. Upstream makes
// @chdb/lib-linux-arm64-gnu, -darwin-arm64 and -darwin-x64 of the same version too. To add one: npm pack NAME@VERSION
// --json prints its integrity and the file's size; then run the tests of this package there.
var enginePackages = map[string]enginePackage{
	"linux/amd64": {
		name:      "@chdb/lib-linux-x64-gnu",
		version:   "26.7.3-stable.1",
		integrity: "sha512-XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==",
		file:      "libchdb.so",
		size:      566330096,
	},
}

func enginePackageFor(platform string) (enginePackage, error) {
	p, ok := enginePackages[platform]
	if !ok {
		return p, fmt.Errorf("no ClickHouse engine is pinned for %s: set %s to the path of a libchdb 26.5 to 26.7 for it, or use another ClickHouse server", platform, engineEnv)
	}
	return p, nil
}

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

// spec is how npm names the package.
func (p enginePackage) spec() string { return p.name + "@" + p.version }
