// Package web shows how the program is doing: figures for a monitoring system on /metrics and a plain word on /healthz.
package web

import (
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/giaolien/giaolien/bridge"
)

// Metrics collects the figures that bridge.Meter names. A name that is not on the list, or with other labels than it has, is an error in
// the program and panics at once: a figure that silently goes nowhere would be missed when it is needed.
type Metrics struct {
	registry   *prometheus.Registry
	counters   map[string]*prometheus.CounterVec
	gauges     map[string]*prometheus.GaugeVec
	histograms map[string]*prometheus.HistogramVec
}

var _ bridge.Meter = (*Metrics)(nil)

// NewMetrics makes all figures, each at its start, in a registry of their own.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry:   prometheus.NewRegistry(),
		counters:   map[string]*prometheus.CounterVec{},
		gauges:     map[string]*prometheus.GaugeVec{},
		histograms: map[string]*prometheus.HistogramVec{},
	}
	m.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.counter(bridge.MetricReceipts, "Messages received, by receiving agency and channel.", "receiver", "channel")
	m.counter(bridge.MetricOutcomes, "Outcomes committed, by receiving agency and state.", "receiver", "state")
	m.gauge(bridge.MetricContact, "When the mail server last gave a sign of life, in seconds since 1970.", "mailbox", "folder")
	m.gauge(bridge.MetricUp, "1 while a folder is being watched, else 0.", "mailbox", "folder")
	m.counter(bridge.MetricFetchFailures, "Messages that could not be fetched, every try counted.", "mailbox")
	m.counter(bridge.MetricReconnects, "Connections to the mail server that had to be made anew.", "mailbox")
	m.counter(bridge.MetricNotices, "Notices handed over, put off or given up.", "result")
	m.counter(bridge.MetricDeliveries, "Deliveries to document systems handed over, put off or given up.", "target", "result")
	m.histogram(bridge.MetricDelivering, "Seconds that one try at handing a record over took.", "target")
	m.gauge(bridge.MetricAlarms, "Open alarms, by code.", "code")
	m.gauge(bridge.MetricOpen, "What waits for work or for a person, by state.", "state")
	m.counter(bridge.MetricFilesRead, "Files that tools have read, by problem; an empty one means that they were read.", "problem")
	m.histogram(bridge.MetricReading, "Seconds that tools worked on one file.")
	m.histogram(bridge.MetricSettle, "Seconds from a message's arrival here to its committed outcome.")
	return m
}

func (m *Metrics) counter(name, help string, labels ...string) {
	v := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	m.counters[name] = v
}

func (m *Metrics) gauge(name, help string, labels ...string) {
	v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	m.registry.MustRegister(v)
	m.gauges[name] = v
}

// histogram has buckets from 5 ms, which a settled message takes at best, to a day, which it may wait for its turn.
func (m *Metrics) histogram(name, help string, labels ...string) {
	buckets := []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86400}
	v := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	m.registry.MustRegister(v)
	m.histograms[name] = v
}

// Add adds to a counter. It may be called from many goroutines, as all three.
func (m *Metrics) Add(name string, v float64, labels ...string) {
	find(m.counters, name, "counter").WithLabelValues(labels...).Add(v)
}

// Set sets a gauge.
func (m *Metrics) Set(name string, v float64, labels ...string) {
	find(m.gauges, name, "gauge").WithLabelValues(labels...).Set(v)
}

// Observe counts one length of time, in seconds.
func (m *Metrics) Observe(name string, seconds float64, labels ...string) {
	find(m.histograms, name, "histogram").WithLabelValues(labels...).Observe(seconds)
}

func find[V any](in map[string]V, name, kind string) V {
	v, ok := in[name]
	if !ok {
		panic(fmt.Sprintf("web: there is no %s %s", kind, name))
	}
	return v
}

// Handler serves the figures in the form that was asked for.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{Registry: m.registry, MaxRequestsInFlight: 4})
}
