package intake

import (
	"testing"
	"time"
)

func TestDateFormats(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]struct {
		format, text, want string // want empty: not of this format
		precision          Precision
	}{
		"day":                         {"YYYY-MM-DD", "2022-11-25", "2022-11-25T00:00:00+08:00", ToDay},
		"American":                    {"MM/DD/YYYY", "04/26/2007", "2007-04-26T00:00:00+08:00", ToDay},
		"without zeros":               {"M/D/YYYY", "4/6/2007", "2007-04-06T00:00:00+08:00", ToDay},
		"R080 Chinese, to the hour":   {"YYYY年M月D日H时", "2022年11月25日18时", "2022-11-25T18:00:00+08:00", ToHour},
		"Chinese, to the minute":      {"YYYY年M月D日 H:mm", "2022年11月25日  9:05", "2022-11-25T09:05:00+08:00", ToMinute},
		"full width":                  {"YYYY年M月D日 HH:mm", "２０２２年１１月２５日　１８：３０", "2022-11-25T18:30:00+08:00", ToMinute},
		"afternoon":                   {"YYYY-MM-DD A h:mm", "2022-11-25 下午 1:30", "2022-11-25T13:30:00+08:00", ToMinute},
		"midnight AM":                 {"YYYY-MM-DD hh:mm A", "2022-11-25 12:05 am", "2022-11-25T00:05:00+08:00", ToMinute},
		"month's name":                {"D MMM YYYY", "5 Nov 2022", "2022-11-05T00:00:00+08:00", ToDay},
		"offset":                      {"YYYY-MM-DDTHH:mm:ssZ", "2022-11-25T10:00:00Z", "2022-11-25T10:00:00Z", ToSecond},
		"offset in hours":             {"YYYY-MM-DDTHH:mm:ssZ", "2022-11-25T18:00:00+08:00", "2022-11-25T18:00:00+08:00", ToSecond},
		"24:00 ends the day (R070)":   {"YYYY-MM-DD HH:mm", "2022-11-25 24:00", "2022-11-26T00:00:00+08:00", ToMinute},
		"two digits of the year":      {"YY.M.D", "22.11.5", "2022-11-05T00:00:00+08:00", ToDay},
		"quoted words":                {"'am' D.M.YYYY", "am 5.11.2022", "2022-11-05T00:00:00+08:00", ToDay},
		"30 February is none":         {"YYYY-MM-DD", "2022-02-30", "", ""},
		"25 o'clock is none":          {"YYYY-MM-DD HH:mm", "2022-11-25 25:00", "", ""},
		"24:01 is none":               {"YYYY-MM-DD HH:mm", "2022-11-25 24:01", "", ""},
		"13 PM is none":               {"YYYY-MM-DD h A", "2022-11-25 13 PM", "", ""},
		"day and month are not mixed": {"MM/DD/YYYY", "26/04/2007", "", ""},
		"something behind":            {"YYYY-MM-DD", "2022-11-25 18:00", "", ""},
		"too few digits":              {"YYYY-MM-DD", "2022-1-05", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			f, ok := compileFormat(v.format)
			if !ok {
				t.Fatal("the format does not compile")
			}
			got, ok := f.parse(v.text, shanghai)
			if ok != (v.want != "") {
				t.Fatalf("taken: %v (%v)", ok, got)
			}
			if !ok {
				return
			}
			if want, _ := time.Parse(time.RFC3339, v.want); !got.Time.Equal(want) || got.Precision != v.precision {
				t.Errorf("%v to the %s, want %s to the %s", got.Time, got.Precision, v.want, v.precision)
			}
		})
	}
	for _, bad := range []string{"", "YYYY", "YYYY-MM", "DD/MM", "YYYY-MM-DD xx", "YYYY-MM-DD 'open", "yyyy-mm-dd"} {
		if _, ok := compileFormat(bad); ok {
			t.Errorf("format %q compiles", bad)
		}
	}
}

// A report known only as a day ends at the last microsecond of that day, 23 hours long or not.
func TestSpanOfADay(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	v := spanOf(time.Date(2022, 3, 13, 0, 0, 0, 0, newYork), ToDay)
	if want := time.Date(2022, 3, 14, 0, 0, 0, 0, newYork).Add(-time.Microsecond); !v.Until.Equal(want) {
		t.Errorf("until %s, want %s", v.Until, want)
	}
}

func FuzzDateFormat(f *testing.F) {
	f.Add("YYYY年M月D日 H:mm", "2022年11月25日 9:05")
	f.Add("D MMMM YY 'x' A hhZ", "5 November 22 x PM 03+08:00")
	f.Fuzz(func(t *testing.T, text, cell string) {
		if c, ok := compileFormat(text); ok {
			if v, ok := c.parse(cell, time.UTC); ok && v.Until.Before(v.Time) {
				t.Errorf("%q in %q ends before it begins", cell, text)
			}
		}
	})
}
