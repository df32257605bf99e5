package browser

import (
	"fmt"
	"strings"

	"github.com/go-rod/rod"
	"github.com/go-rod/rod/lib/proto"
)

// Accessible runs axe-core's rules of WCAG 2.2, levels A and AA, on the page as it stands. A program finds a part of what is wrong; none of it may be there.
func (p *Page) Accessible() {
	p.t.Helper()
	p.must(p.accessible())
}

func (p *Page) accessible() error {
	source, err := axeSource()
	if err != nil {
		return err
	}
	return p.look(func(tab *rod.Page) error { return p.judge(tab, source) })
}

// judge lets the engine run where the page's own scripts do not: they have been passed over by then and do not run later.
func (p *Page) judge(tab *rod.Page, source string) (err error) {
	if !p.b.scripts {
		if err := (proto.EmulationSetScriptExecutionDisabled{Value: false}).Call(tab); err != nil {
			return err
		}
		defer func() {
			if again := (proto.EmulationSetScriptExecutionDisabled{Value: true}).Call(tab); err == nil {
				err = again
			}
		}()
	}
	loaded, err := proto.RuntimeEvaluate{Expression: "void 0;" + source}.Call(tab)
	if err != nil {
		return err
	}
	if loaded.ExceptionDetails != nil {
		return fmt.Errorf("axe-core does not run: %s", loaded.ExceptionDetails.Text)
	}
	found, err := tab.Eval(runAxe)
	if err != nil {
		return fmt.Errorf("axe-core does not run: %w", err)
	}
	var all []string
	for _, one := range found.Value.Arr() {
		all = append(all, one.Str())
	}
	if len(all) > 0 {
		return fmt.Errorf("the page is not accessible:\n%s", strings.Join(all, "\n"))
	}
	return nil
}

// runAxe names what breaks a rule. A page without a background has the browser's, which axe-core takes for white even at night; and text in the very colour of
// its ground axe-core leaves open, which it is not.
const runAxe = `async () => {
  const root = document.documentElement;
  const bare = [root, document.body].every(e => getComputedStyle(e).backgroundColor === "rgba(0, 0, 0, 0)");
  if (bare) root.style.backgroundColor = "Canvas";
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations, incomplete } = await axe.run(document, { runOnly: { type: "tag", values: tags }, resultTypes: ["violations", "incomplete"], preload: false });
  if (bare) root.style.backgroundColor = "";
  const unseen = incomplete.map(v => ({ ...v, nodes: v.nodes.filter(n => n.any.some(c => c.data?.messageKey === "equalRatio")) }));
  return [...violations, ...unseen].flatMap(v => v.nodes.map(n => v.id + ": " + v.help + ": " + n.target.join(" ") + ": " + n.failureSummary.replace(/\s+/g, " ")));
}`
