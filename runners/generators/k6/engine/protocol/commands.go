package protocol

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

// conductor is standard input as the process got it: the TypeScript hook puts
// the bundled script in its place. (Unreferenced, it would also be closed.)
var conductor = os.Stdin //nolint:gochecknoglobals

// Orders are what the conductor wants. Each function is called from one goroutine.
type Orders struct {
	Start func()
	Stop  func()
	// Orphaned: nobody is there any more who would read the result.
	Orphaned func()
	// Misread: a line that is no command.
	Misread func(error)
}

// Listen follows the conductor's commands until it closes its end.
func Listen(orders Orders) {
	lines := bufio.NewScanner(conductor)
	for lines.Scan() {
		var command Command
		if err := json.Unmarshal(lines.Bytes(), &command); err != nil {
			orders.Misread(fmt.Errorf("not a command: %s", lines.Text()))
			continue
		}
		switch command.Kind {
		case "start":
			orders.Start()
		case "stop":
			orders.Stop()
		default:
			orders.Misread(fmt.Errorf("not a command: %s", lines.Text()))
		}
	}
	orders.Orphaned()
}
