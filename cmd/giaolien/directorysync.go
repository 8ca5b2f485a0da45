package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/giaolien/giaolien/bridge/config"
	"github.com/giaolien/giaolien/mapping/directory"
)

// directorySync takes over what the axis says of agencies, as far as codes make it certain.
type directorySync struct {
	From   string `required:"" xor:"source" help:"The axis' answer to getAgenciesListQD20, getAgenciesList or getSynchronizeUnit, in a file." type:"path"`
	Axis   string `required:"" xor:"source" help:"Ask this [[axis]] of the configuration instead."`
	At     string `help:"The day from which it holds (2025-07-01); default: today."`
	DryRun bool   `help:"Say what differs, and change nothing."`
	JSON   bool   `help:"Print the difference as JSON."`
}

func (c *directorySync) Run(ctx context.Context, std streams, common *Common) error {
	at, err := instantOf(c.At)
	if err != nil {
		return err
	}
	cfg, err := readConfig(common.Config)
	if err != nil {
		return err
	}
	list, err := c.list(ctx, cfg)
	if err != nil {
		return err
	}
	e, err := openEdit(cfg, false)
	if err != nil {
		return err
	}
	day := directory.Day(at)
	diff := e.current.Sync(list, day)
	if c.JSON {
		err = json.NewEncoder(std.out).Encode(diff)
	} else {
		err = printDifference(std, diff)
	}
	if err != nil {
		return err
	}
	plan, err := e.current.Apply(diff)
	if err != nil {
		return refused(std.err, err)
	}
	return e.carryOut(ctx, std, plan, c.DryRun)
}

// list reads the axis' list, out of a file or from the axis itself.
func (c *directorySync) list(ctx context.Context, cfg config.Config) ([]directory.Listed, error) {
	if c.Axis != "" {
		return askAgencies(ctx, cfg, c.Axis)
	}
	answer, err := os.ReadFile(c.From)
	if err != nil {
		return nil, fmt.Errorf("read agency list: %w", err)
	}
	list, err := directory.ReadList(answer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.From, err)
	}
	return list, nil
}

// askAgencies asks an axis for its organisations.
func askAgencies(ctx context.Context, cfg config.Config, name string) ([]directory.Listed, error) {
	x, ok := axisNamed(cfg, name)
	if !ok {
		return nil, usageError{fmt.Errorf("directory sync: no [[axis]] has the name %q", name)}
	}
	a, err := accountOf(x)
	if err != nil {
		return nil, err
	}
	defer a.Close()
	list, err := a.Agencies(ctx)
	if err != nil {
		return nil, fmt.Errorf("ask axis %s for its agencies: %w", name, err)
	}
	if len(list) == 0 { // an axis without anybody is none: it would close the whole directory
		return nil, fmt.Errorf("ask axis %s for its agencies: it lists none", name)
	}
	return list, nil
}

func printDifference(std streams, diff directory.Difference) error {
	w := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, list := range []struct {
		change directory.Change
		of     []directory.Adjusted
	}{{directory.Added, diff.New}, {directory.Changed, diff.Changed}, {directory.Closed, diff.Closed}} {
		for _, a := range list.of {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", changeInWords[list.change], dash(a.Code), a.ID, a.Name, strings.Join(a.Columns, ", "))
		}
	}
	for _, d := range diff.InDoubt {
		fmt.Fprintf(w, "nghi vấn\t%s\t%s\t%s\t%s\n", dash(d.Code), dash(strings.Join(d.Agencies, ", ")), d.Name, whyInWords[d.Why])
	}
	return w.Flush()
}

var whyInWords = map[directory.Why]string{
	directory.NoCode:          "không có mã",
	directory.ServiceCode:     "mã nội bộ của trục hoặc không đúng dạng mã định danh",
	directory.CodeTwice:       "danh sách của trục ghi mã này hai lần",
	directory.SeveralAgencies: "các mã dẫn đến nhiều đơn vị trong danh bạ",
	directory.AgencyTwice:     "hai dòng của trục dẫn đến cùng một đơn vị",
	directory.OnlyConverted:   "chỉ tìm thấy khi đổi mã sang dạng khác; ghi mã vào aliases nếu đúng",
	directory.ClosedCode:      "mã của đơn vị đã đóng trong danh bạ",
	directory.OtherName:       "cùng mã nhưng tên khác: đổi tên, hay mã đã cấp cho đơn vị khác",
	directory.SameName:        "mã mới, nhưng danh bạ có đơn vị cùng tên với mã khác hoặc chưa có mã",
	directory.EndedLevel:      "đơn vị mới ở cấp huyện, cấp đã kết thúc ngày 30/6/2025",
	directory.IDTaken:         "id suy từ mã đã được dùng",
	directory.AddressTaken:    "địa chỉ thư thuộc đơn vị khác hoặc dùng chung; không ghi vào danh bạ",
	directory.NotListed:       "có trong danh bạ, không có trong danh sách của trục; không tự đóng",
	directory.NoSuccessor:     "trục không còn ghi đơn vị này; cần ghi đơn vị kế thừa vào successors",
}
