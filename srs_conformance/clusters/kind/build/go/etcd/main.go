// The etcd server. Its own main package lies in a module that cannot be required (its go.mod replaces its parts by folders), hence this one.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
