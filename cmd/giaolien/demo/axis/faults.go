package axis

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Fault is something that goes wrong on purpose.
type Fault string

// Faults.
const (
	Fail        Fault = "fail"        // an answer that tells of a failure
	Broken      Fault = "broken"      // HTTP 500
	HTML        Fault = "html"        // the page of a proxy, as 200
	CutJSON     Fault = "cut-json"    // an answer that ends early, with a length that fits
	CutBase64   Fault = "cut-base64"  // a package that ends early in a whole answer
	CutBefore   Fault = "cut-before"  // the connection ends before anything was done
	CutAfter    Fault = "cut-after"   // … after it was done: the answer is lost
	LostAnswer  Fault = "lost-answer" // done, and a page of a proxy instead of the answer
	Slow        Fault = "slow"        // an answer in small pieces
	Duplicate   Fault = "duplicate"   // a package is put into the inbox twice
	Empty       Fault = "empty"       // 200 without a body
	Redirect    Fault = "redirect"    // to another host
	Interrupted Fault = "interrupted" // an answer that ends before its length
)

// AllFaults lists them.
func AllFaults() []Fault {
	return []Fault{Fail, Broken, HTML, CutJSON, CutBase64, CutBefore, CutAfter, LostAnswer, Slow, Duplicate, Empty, Redirect, Interrupted}
}

// Faults says how much goes wrong.
type Faults struct {
	Percent int     // of the calls; of these one of Kinds at random
	Kinds   []Fault // nil: all
	Calls   []string
}

// strikes draws for the fault that is no answer: a duplicate. The caller holds mu.
func (a *Axis) strikes(f Fault) bool {
	if len(a.o.Faults.Kinds) > 0 && !slices.Contains(a.o.Faults.Kinds, f) || a.random.IntN(100) >= a.o.Faults.Percent {
		return false
	}
	a.counts[f]++
	return true
}

// draw decides whether and how a call goes wrong.
func (a *Axis) draw(op string) Fault {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[op]++
	f := a.o.Faults
	if len(f.Calls) > 0 && !slices.Contains(f.Calls, op) || a.random.IntN(100) >= f.Percent {
		return ""
	}
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = AllFaults()
	}
	kinds = slices.DeleteFunc(slices.Clone(kinds), func(k Fault) bool { return k == Duplicate })
	if len(kinds) == 0 {
		return ""
	}
	k := kinds[a.random.IntN(len(kinds))]
	a.counts[k]++
	return k
}

// before lets faults strike that keep a call from being done. It reports whether one did.
func before(w http.ResponseWriter, f Fault) bool {
	switch f {
	case Fail:
		reply(w, map[string]any{"status": "FAIL", "success": false, "ErrorCode": "20", "ErrorDesc": "Hệ thống đang bận, vui lòng thử lại sau"}, "")
	case Broken:
		http.Error(w, "<html><head><title>500</title></head><body>Internal Server Error</body></html>", http.StatusInternalServerError)
	case HTML:
		page(w)
	case CutBefore:
		cut(w)
	case Empty:
		w.WriteHeader(http.StatusOK)
	case Redirect:
		w.Header().Set("Location", "http://elsewhere.example.vn/")
		w.WriteHeader(http.StatusFound)
	default:
		return false
	}
	return true
}

func page(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprint(w, "<!DOCTYPE html><html><head><style>p{}</style><title>Cổng thông tin</title></head><body><p>Hệ thống đang bảo trì</p></body></html>")
}

// cut ends the connection without a word.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	conn.Close()
}

// reply answers, or lets a fault strike that hits the answer alone.
func reply(w http.ResponseWriter, fields map[string]any, f Fault) {
	if data, ok := fields["data"].(string); ok && f == CutBase64 {
		fields["data"] = data[:len(data)*2/3]
	}
	body, err := json.Marshal(fields)
	if err != nil {
		panic(err) // maps of texts and lists
	}
	w.Header().Set("Content-Type", "application/json")
	switch f {
	case CutAfter:
		cut(w)
	case LostAnswer:
		page(w)
	case CutJSON:
		fmt.Fprintf(w, "%s", body[:len(body)*2/3])
	case Interrupted:
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		fmt.Fprintf(w, "%s", body[:len(body)/2])
		if err := http.NewResponseController(w).Flush(); err == nil {
			panic(http.ErrAbortHandler)
		}
	case Slow:
		slowly(w, body)
	default:
		fmt.Fprintf(w, "%s", body)
	}
}

// slowly answers in eight pieces.
func slowly(w http.ResponseWriter, body []byte) {
	control := http.NewResponseController(w)
	for len(body) > 0 {
		n := min(len(body), max(1, cap(body)/8))
		if _, err := w.Write(body[:n]); err != nil || control.Flush() != nil {
			return
		}
		body = body[n:]
		time.Sleep(time.Millisecond)
	}
}

func encoded(body []byte) string { return base64.StdEncoding.EncodeToString(body) }
