package config

// Scale says how an environment's own Prefect server is spread over processes and machines. Nothing of it counts for a deploy; it
// is for the files that `env:render` writes. Package render fills what is not set.
type Scale struct {
	API      int    `koanf:"api"`      // processes that answer requests, at least 1
	Services int    `koanf:"services"` // processes for scheduling and events, at least 1
	Workers  *int   `koanf:"workers"`  // of each work pool
	Port     int    `koanf:"port"`     // where the server listens on a host of containers
	Image    string `koanf:"image"`    // name and tag of the image for server and workers
	Storage  string `koanf:"storage"`  // of the database on Kubernetes, such as 10Gi
	Images   Images `koanf:"images"`
}

// Images are the images of others that a server is made of.
type Images struct {
	Python   string `koanf:"python"` // what Image is built on
	Postgres string `koanf:"postgres"`
	Redis    string `koanf:"redis"`
	Proxy    string `koanf:"proxy"` // HAProxy
}
