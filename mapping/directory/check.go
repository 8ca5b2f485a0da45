package directory

import "slices"

// checkPeriods refuses two lines of one id whose periods have a day in common.
func (r *reader) checkPeriods() {
	byID := map[string][]int{}
	for i := range r.rows {
		row := &r.rows[i]
		for _, j := range byID[row.ID] {
			if other := &r.rows[j]; row.overlaps(other) {
				r.faultAt(row, "id", "%q is also valid by %s in the same period; give the periods apart with valid_from and valid_to, or the agency an id of its own",
					row.ID, r.place(other))
				break
			}
		}
		byID[row.ID] = append(byID[row.ID], i)
	}
}

// checkNames warns of parents and successors that are not in the file, and of names that hint at a slip.
func (r *reader) checkNames() {
	ids := map[string]bool{}
	for i := range r.rows {
		ids[r.rows[i].ID] = true
	}
	for i := range r.rows {
		row := &r.rows[i]
		if row.Parent == row.ID {
			r.faultAt(row, "parent", "%q names itself; leave it empty or name the superior agency", row.ID)
		} else if row.Parent != "" && !ids[row.Parent] {
			r.warnAt(row, "parent", "%q is not in the file; add the agency or correct the id", row.Parent)
		}
		for _, s := range row.Successors {
			if !ids[s] {
				r.warnAt(row, "successors", "%q is not in the file, so mail of %s will find nobody; add the agency or correct the id", s, row.ID)
			}
		}
		if slices.Contains(row.Successors, row.ID) {
			r.faultAt(row, "successors", "%q names itself; remove it", row.ID)
		}
		if len(row.Successors) > 0 && row.ValidUntil.IsZero() {
			r.warnAt(row, "successors", "have no effect while valid_to is empty; give the last day of %s", row.ID)
		}
	}
}

// checkOwners refuses an address or a code that two agencies have at the same time: who sent would be a guess.
func (r *reader) checkOwners() {
	addresses, codes, aliases := map[string][]int{}, map[string][]int{}, map[string][]int{}
	for i := range r.rows {
		row := &r.rows[i]
		for _, a := range row.Addresses {
			if j, found := r.rival(addresses, a, i); found {
				r.faultAt(row, "addresses", "%q also belongs to %s (%s) in the same period; leave it with one of them, or list its domain or a pattern", a, r.rows[j].ID, r.place(&r.rows[j]))
			}
		}
		if row.Code != "" {
			if j, found := r.rival(codes, NormalCode(row.Code), i); found {
				r.faultAt(row, "code", "%q also belongs to %s (%s) in the same period; a code names one agency", row.Code, r.rows[j].ID, r.place(&r.rows[j]))
			}
		}
		for _, a := range row.Aliases {
			if j, found := r.rival(aliases, NormalCode(a), i); found {
				r.warnAt(row, "aliases", "%q is also an alias of %s (%s) in the same period, so it finds neither", a, r.rows[j].ID, r.place(&r.rows[j]))
			}
		}
	}
}

// rival finds an earlier line of another agency that has the name in a period in common with line i, and notes i as one of its owners.
func (r *reader) rival(owners map[string][]int, name string, i int) (int, bool) {
	defer func() { owners[name] = append(owners[name], i) }()
	for _, j := range owners[name] {
		if r.rows[j].ID != r.rows[i].ID && r.rows[j].overlaps(&r.rows[i]) {
			return j, true
		}
	}
	return 0, false
}
