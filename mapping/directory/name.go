package directory

import "time"

// Namesakes says whether two printed names are one, accents, capitals and the usual abbreviations aside. An empty one is no name.
func Namesakes(a, b string) bool {
	key := nameKey(a)
	return key != "" && key == nameKey(b)
}

// ByName finds the agency that bore exactly this printed name at the instant. Many agencies share a name (every province has a Sở Nội vụ): then
// nobody is chosen, and a name alone never proves who speaks. It is for telling whose document somebody sends.
func (d *Directory) ByName(name string, at time.Time) Match {
	owners := d.byName[nameKey(name)]
	return d.match(ByName, owners, d.valid(owners, at), "", at)
}

// Predecessors are the agencies of the instant that the agency took over from, by id.
func (d *Directory) Predecessors(id string, at time.Time) []string {
	var ids []string
	for _, h := range d.ancestors(id, at) {
		ids = append(ids, d.agencies[h.row].ID)
	}
	return ids
}
