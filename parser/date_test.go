package parser

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestDatesAsStandardsWriteThem reads back every date that a program may write by the standards, on any day, in any zone.
func TestDatesAsStandardsWriteThem(t *testing.T) {
	layouts := []string{time.RFC1123Z, "Mon, 2 Jan 2006 15:04:05 -0700 (MST)", "Mon, _2 Jan 2006 15:04:05 -0700", "2 Jan 2006 15:04 -0700", time.RFC3339, "Mon Jan 2 2006 15:04:05 GMT-0700",
		"02/01/2006 15:04:05 -0700", "2006/01/02 15:04:05 -0700", "2 Jan 2006 3:04:05 PM -0700"}
	rapid.Check(t, func(t *rapid.T) {
		zone := time.FixedZone("ICT", rapid.IntRange(-12*4, 14*4).Draw(t, "quarter hours")*900)
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at")/60*60, 0).In(zone)
		layout := rapid.SampledFrom(layouts).Draw(t, "layout")
		if got, ok := parseDate(at.Format(layout)); !ok || !got.Equal(at) {
			t.Fatalf("%s: %v %v", at.Format(layout), got, ok)
		}
	})
}

func TestDatesInTheWild(t *testing.T) {
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v.UTC()
	}
	same := at("2019-04-22T08:05:00+07:00")
	for s, want := range map[string]time.Time{
		"Mon, 22 Apr 2019 08:05:00 +0700":                           same,
		"Mon, 22 Apr 2019 08:05:00 +07:00":                          same,
		"Mon, 22 Apr 2019 08:05:00 GMT+07:00":                       same,
		"Mon, 22 Apr 2019 08:05:00 GMT+7":                           same,
		"Mon, 22 Apr 2019 08:05:00 ICT":                             same,
		"Mon, 22 Apr 2019 08:05:00 +0700 (GMT+07:00)":               same,
		"Mon Apr 22 2019 08:05:00 GMT+0700 (Indochina Time)":        same,
		"Mon, 22 Apr 19 08:05 +0700":                                same,
		"2019-04-22T08:05:00+07:00":                                 same,
		"Thứ hai, 22 Tháng Tư 2019 08:05:00 +0700":                  same,
		"Thứ Hai, 22 Tháng Tư 2019 08:05:00 +0700":                  same,
		"=?utf-8?Q?Th=E1=BB=A9?= hai, 22 Thg 4 2019 08:05:00 +0700": same,
		"Thứ 2, 22 Thg4 2019 08:05:00 +0700":                        same,
		"T2, 22/04/2019 08:05 +0700":                                same,
		"Th 2, 22.4.2019 08:05 +0700":                               same,
		"thứ hai, ngày 22 tháng 4 năm 2019 08:05:00 +0700":          same,
		"04/22/2019 08:05 AM +0700":                                 same,
		"22/04/2019 8:05:00 SA +0700":                               same,
		"22/4/2019 08:05:00 AM GMT+7":                               same,
		"22/04/2019 8:05:00 CH +0700":                               same.Add(12 * time.Hour),
		"22/04/2019 12:05:00 SA +0700":                              same.Add(-8 * time.Hour),
		"Mon, 22 Apr 2019 1:05:00 PM +0000":                         at("2019-04-22T13:05:00Z"),
		"Thứ Tư, 15 Tháng Năm 2019 08:00:00 +0700":                  at("2019-05-15T08:00:00+07:00"),
		"Thứ sáu, 15 tháng mười một năm 2019 08:00:00 +0700":        at("2019-11-15T08:00:00+07:00"),
		"Chủ nhật, 15 Tháng Mười Hai 2019 08:00:00 +0700":           at("2019-12-15T08:00:00+07:00"),
		"CN, 06/10/2019 08:00 +0700":                                at("2019-10-06T08:00:00+07:00"),
		"Thứ bảy, 05 Tháng Mười 2019 08:00:00 +0700":                at("2019-10-05T08:00:00+07:00"),
		"Fri, 22 Apr 2050 08:00:00 +0700":                           at("2050-04-22T08:00:00+07:00"),
		"22 Apr 95 08:00:00 +0700":                                  at("1995-04-22T08:00:00+07:00"),
		"Thu, 2 Jul 2020 12:05:05 -0400 (EDT)":                      at("2020-07-02T12:05:05-04:00"),
		"Thu, 03 Sep 2020 16:47:43 +0000 (UTC)":                     at("2020-09-03T16:47:43Z"),
		"20-OCT-2019 08:00:00 +0700":                                at("2019-10-20T08:00:00+07:00"),
		"20-Oct-2019 08:00:00 +0700":                                at("2019-10-20T08:00:00+07:00"),
	} {
		if got, ok := parseDate(s); !ok || !got.Equal(want) {
			t.Errorf("%s: %v %v, want %v", s, got, ok, want)
		}
	}
	for _, s := range []string{"Mon, 22 Apr 2019 29:24:05 +0700", "Mon, 22 Apr 2019 24:00:00 +0700", "Mon, 32 Apr 2019 08:00:00 +0700", "31/02/2019 08:00",
		"22/04/2019", "tháng 13 2019 08:00", "22/04/2019 23/04/2019 08:00", "thứ hai", "năm 2019", "", "40/40/2019 08:00", "Mon, 22 Apr 2019 08:61:00 +0700"} {
		if got, ok := parseDate(s); ok {
			t.Errorf("%s: %v", s, got)
		}
	}
}
