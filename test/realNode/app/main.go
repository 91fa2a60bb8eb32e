// The one program of all images on the real node. As "pause" it holds the namespaces of a pod; under any other name it is an
// application that tells its version, says that it is ready after a while (WARM_UP), and ends at once when it is asked to:
// the first process of a container ignores SIGTERM unless it handles it.
package main

import (
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
	if os.Args[1] != "pause" {
		go serve()
	}
	<-asked
}

func serve() {
	warmUp, _ := time.ParseDuration(os.Getenv("WARM_UP"))
	readyAt := time.Now().Add(warmUp)
	version, err := os.ReadFile("/version")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/version", func(answer http.ResponseWriter, _ *http.Request) { answer.Write(version) })
	http.HandleFunc("/ready", func(answer http.ResponseWriter, _ *http.Request) {
		if time.Now().Before(readyAt) {
			answer.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	panic(http.ListenAndServe(":"+os.Getenv("PORT"), nil))
}
