// Encodes an exposition with client_golang, to compare with.
//
// usage: peer time FILE ROUNDS | write FILE | serve FILE
//
// The samples of FILE are const metrics before the clock starts. `time` prints one line of JSON, `write` the exposition,
// and `serve` the address at which promhttp answers, until standard input closes.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/common/expfmt"
)

// Samples that are handed out ready made.
type samples []prometheus.Metric

func (ready samples) Describe(chan<- *prometheus.Desc) {}

func (ready samples) Collect(into chan<- prometheus.Metric) {
	for _, sample := range ready {
		into <- sample
	}
}

var kinds = map[string]prometheus.ValueType{"gauge": prometheus.GaugeValue, "counter": prometheus.CounterValue}

func main() {
	if len(os.Args) < 3 {
		log.Fatal("usage: peer time FILE ROUNDS | write FILE | serve FILE")
	}
	ready := read(os.Args[2])
	registry := prometheus.NewRegistry()
	registry.MustRegister(ready)
	// The text that was read is no part of the memory that is measured.
	debug.FreeOSMemory()
	switch os.Args[1] {
	case "time":
		rounds, err := strconv.Atoi(os.Args[3])
		check(err)
		measure(registry, len(ready), rounds)
	case "write":
		encode(registry, os.Stdout)
	case "serve":
		serve(registry)
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// The samples of a file whose label values need no escaping.
func read(path string) samples {
	file, err := os.Open(path)
	check(err)
	defer file.Close()
	var ready samples
	descriptions := map[string]*prometheus.Desc{}
	help, kind := "", prometheus.UntypedValue
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		if strings.HasPrefix(line, "# HELP ") {
			help = strings.SplitN(line, " ", 4)[3]
			continue
		}
		if strings.HasPrefix(line, "# TYPE ") {
			var known bool
			kind, known = kinds[strings.SplitN(line, " ", 4)[3]]
			if !known {
				log.Fatal(line)
			}
			continue
		}
		open, shut := strings.IndexByte(line, '{'), strings.LastIndex(line, "} ")
		end := shut + 1
		name, inside := "", ""
		if open >= 0 {
			name, inside = line[:open], line[open+1:shut]
		} else {
			end = strings.IndexByte(line, ' ')
			name = line[:end]
		}
		value, err := strconv.ParseFloat(line[end+1:], 64)
		check(err)
		names, values := labels(inside)
		key := name + "{" + strings.Join(names, ",")
		if descriptions[key] == nil {
			descriptions[key] = prometheus.NewDesc(name, help, names, nil)
		}
		ready = append(ready, prometheus.MustNewConstMetric(descriptions[key], kind, value, values...))
	}
	check(lines.Err())
	return ready
}

func labels(inside string) (names, values []string) {
	if inside == "" {
		return nil, nil
	}
	for _, label := range strings.Split(strings.TrimSuffix(inside, `"`), `",`) {
		parts := strings.SplitN(label, `="`, 2)
		names = append(names, strings.Clone(parts[0]))
		values = append(values, strings.Clone(parts[1]))
	}
	return names, values
}

func encode(registry *prometheus.Registry, into io.Writer) {
	families, err := registry.Gather()
	check(err)
	encoder := expfmt.NewEncoder(into, expfmt.FmtText)
	for _, family := range families {
		check(encoder.Encode(family))
	}
}

func measure(registry *prometheus.Registry, series, rounds int) {
	var text bytes.Buffer
	encode(registry, &text)
	check(os.WriteFile("/proc/self/clear_refs", []byte("5"), 0))
	taken := make([]float64, rounds)
	for round := range taken {
		text.Reset()
		started := time.Now()
		encode(registry, &text)
		taken[round] = float64(time.Since(started).Nanoseconds()) / float64(series)
	}
	sort.Float64s(taken)
	check(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"subject": "client_golang", "series": series, "bytes": text.Len(), "rounds": rounds,
		"median_ns": taken[rounds/2], "min_ns": taken[0], "max_ns": taken[rounds-1], "peak_rss_bytes": peak(),
	}))
}

func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	check(err)
	after := strings.SplitN(string(status), "VmHWM:", 2)[1]
	kibibytes, err := strconv.Atoi(strings.Fields(after)[0])
	check(err)
	return kibibytes * 1024
}

func serve(registry *prometheus.Registry) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	go func() { check(http.Serve(listener, nil)) }()
	fmt.Println(listener.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
}
