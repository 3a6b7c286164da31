// Answers what Prometheus' Go client does, for comparison: one JSON object a line, in and out.
//
//	{"accept": "text/plain"}                     how it negotiates among routemeter's formats
//	{"contentType": "...", "body": "<base64>"}   the families that it reads
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"os"
	"strconv"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// In routemeter's order.
var formats = []expfmt.Format{
	"text/plain; version=0.0.4; charset=utf-8",
	"application/openmetrics-text; version=1.0.0; charset=utf-8",
	"application/openmetrics-text; version=0.0.1; charset=utf-8",
	"text/plain; version=1.0.0; charset=utf-8",
	"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
}

type question struct {
	Accept      *string `json:"accept"`
	ContentType string  `json:"contentType"`
	Body        []byte  `json:"body"`
}

type answer struct {
	ContentType string   `json:"contentType,omitempty"`
	Families    []family `json:"families,omitempty"`
	Error       string   `json:"error,omitempty"`
}

type family struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Help    string   `json:"help"`
	Unit    string   `json:"unit,omitempty"`
	Samples []sample `json:"samples"`
}

// Numbers are texts, since JSON has neither NaN nor infinities.
type sample struct {
	Labels  map[string]string `json:"labels"`
	Value   string            `json:"value,omitempty"`
	Count   string            `json:"count,omitempty"`
	Buckets [][2]string       `json:"buckets,omitempty"`
	Created string            `json:"created,omitempty"`
}

func main() {
	in := bufio.NewReader(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return
		}
		var asked question
		if err == nil {
			err = json.Unmarshal(line, &asked)
		}
		if err == nil {
			err = out.Encode(reply(asked))
		}
		if err != nil {
			panic(err)
		}
	}
}

func reply(asked question) answer {
	if asked.Accept != nil {
		header := http.Header{"Accept": []string{*asked.Accept}}
		return answer{ContentType: string(expfmt.NegotiateAccept(header, formats...))}
	}
	format := expfmt.Format(asked.ContentType)
	if format.FormatType() == expfmt.TypeUnknown {
		return answer{Error: "unknown format " + asked.ContentType}
	}
	decoder := expfmt.NewDecoder(bytes.NewReader(asked.Body), format)
	var all answer
	for {
		var each dto.MetricFamily
		err := decoder.Decode(&each)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			return answer{Error: err.Error()}
		}
		all.Families = append(all.Families, read(&each))
	}
}

func read(from *dto.MetricFamily) family {
	all := family{Name: from.GetName(), Type: from.GetType().String(), Help: from.GetHelp(), Unit: from.GetUnit()}
	for _, metric := range from.GetMetric() {
		each := sample{Labels: map[string]string{}}
		for _, label := range metric.GetLabel() {
			each.Labels[label.GetName()] = label.GetValue()
		}
		switch from.GetType() {
		case dto.MetricType_COUNTER:
			each.Value = number(metric.GetCounter().GetValue())
			each.Created = created(metric.GetCounter().GetCreatedTimestamp())
		case dto.MetricType_GAUGE:
			each.Value = number(metric.GetGauge().GetValue())
		case dto.MetricType_UNTYPED:
			each.Value = number(metric.GetUntyped().GetValue())
		case dto.MetricType_HISTOGRAM:
			histogram := metric.GetHistogram()
			if histogram.SampleSum != nil {
				each.Value = number(histogram.GetSampleSum())
			}
			each.Count = strconv.FormatUint(histogram.GetSampleCount(), 10)
			each.Created = created(histogram.GetCreatedTimestamp())
			for _, bucket := range histogram.GetBucket() {
				if math.IsInf(bucket.GetUpperBound(), 1) {
					continue
				}
				count := strconv.FormatUint(bucket.GetCumulativeCount(), 10)
				each.Buckets = append(each.Buckets, [2]string{number(bucket.GetUpperBound()), count})
			}
		}
		all.Samples = append(all.Samples, each)
	}
	return all
}

// In seconds; empty if it is not known.
func created(time *timestamppb.Timestamp) string {
	if time == nil {
		return ""
	}
	return number(float64(time.GetSeconds()) + float64(time.GetNanos())/1e9)
}

func number(value float64) string {
	return strconv.FormatFloat(value, 'g', -1, 64)
}
