package config

// suggestion is the known key nearest to an unknown one where one is near, else all of them.
func suggestion(unknown string, known fields) string {
	best, nearest := 3, ""
	for _, field := range known {
		if d := distance(unknown, field.name); d < best {
			best, nearest = d, field.name
		}
	}
	if nearest != "" {
		return nearest
	}
	return "one of " + namesOf(known)
}

// distance is the number of letters to insert, delete or change to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
