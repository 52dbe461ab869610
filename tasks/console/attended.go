package console

// Attended tells whether somebody sits there: the story is shown on a terminal, and questions can be answered.
func (c *Console) Attended() bool { return c.ask }
