package pdfsign

// literal reads a string in parentheses (ISO 32000-2, 7.3.4.2).
func (l *lexer) literal(v *value) error {
	v.kind = literal
	l.take()
	var out []byte
	for open := 1; ; {
		c := l.take()
		switch c {
		case -1:
			return l.bad()
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				v.s = string(out)
				return nil
			}
		case '\r': // any line end stands for LF
			if l.peek() == '\n' {
				l.take()
			}
			c = '\n'
		case '\\':
			out = l.escape(out)
			continue
		}
		out = append(out, byte(c))
	}
}

// escape reads what follows a backslash (table 3).
func (l *lexer) escape(out []byte) []byte {
	c := l.take()
	switch c {
	case -1:
		return out
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case '\n':
		return out
	case '\r':
		if l.peek() == '\n' {
			l.take()
		}
		return out
	}
	if c < '0' || c > '7' {
		return append(out, byte(c))
	}
	n := c - '0'
	for range 2 {
		d := l.peek()
		if d < '0' || d > '7' {
			break
		}
		n = n<<3 | (d - '0')
		l.take()
	}
	return append(out, byte(n))
}
