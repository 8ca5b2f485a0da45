package bridge

// Receiver is a receiving agency: whose mailbox it is, and how its notices are headed.
type Receiver struct {
	ID         string   `json:"id"`
	Name       string   `json:"name"`
	ParentName string   `json:"parent_name"`
	Place      string   `json:"place"`
	Contact    []string `json:"contact"`
	From       string   `json:"from"`
	FromName   string   `json:"from_name"`
	ReturnPath string   `json:"return_path"`
}
