package bridge

// Meter takes figures for monitoring. Names and labels are those of the Metric constants; docs/operating.md lists them.
type Meter interface {
	Add(name string, v float64, labels ...string)
	Set(name string, v float64, labels ...string)
	Observe(name string, seconds float64, labels ...string)
}

// The metrics; label names in brackets, in the order in which Meter takes their values.
const (
	MetricReceipts      = "giaolien_receipts_total"                 // counter [receiver, channel]
	MetricOutcomes      = "giaolien_outcomes_total"                 // counter [receiver, state]
	MetricContact       = "giaolien_mailbox_last_contact_timestamp" // gauge, Unix seconds [mailbox, folder]
	MetricUp            = "giaolien_mailbox_up"                     // gauge 0 or 1 [mailbox, folder]
	MetricFetchFailures = "giaolien_fetch_failures_total"           // counter [mailbox]
	MetricReconnects    = "giaolien_reconnects_total"               // counter [mailbox]
	MetricNotices       = "giaolien_notices_total"                  // counter [result: sent, deferred, failed]
	MetricAlarms        = "giaolien_alarms"                         // gauge, open alarms [code]
	MetricOpen          = "giaolien_open"                           // gauge, what waits [state: waiting, held, failed, notices, review, reading, deliveries, deliveries-dead]
	MetricSettle        = "giaolien_settle_seconds"                 // histogram: from fetched to committed []
	MetricFilesRead     = "giaolien_files_read_total"               // counter [problem: empty when none]
	MetricDeliveries    = "giaolien_deliveries_total"               // counter [target, result: sent, deferred, failed]
	MetricDelivering    = "giaolien_delivery_seconds"               // histogram: one try at handing a record over [target]
	MetricReading       = "giaolien_file_reading_seconds"           // histogram: text and signatures of one file []
)

// NoMeter throws figures away.
type NoMeter struct{}

func (NoMeter) Add(string, float64, ...string)     {}
func (NoMeter) Set(string, float64, ...string)     {}
func (NoMeter) Observe(string, float64, ...string) {}
