package stream

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// leaf judges one value of a record; present is false where there is none.
type leaf = func(value any, present bool) bool

func parseAlternative(parsed any) (leaf, error) {
	operator, isOperator := parsed.(map[string]any)
	if !isOperator {
		return exactly(parsed), nil
	}
	if len(operator) != 1 {
		return nil, errors.New("stream: filter: an operator is an object of one field")
	}
	for name, operand := range operator {
		switch name {
		case "exists":
			return parseExists(operand)
		case "prefix":
			return parseAffix(operand, strings.HasPrefix)
		case "suffix":
			return parseAffix(operand, strings.HasSuffix)
		case "equals-ignore-case":
			return parseAffix(operand, strings.EqualFold)
		case "anything-but":
			return parseAnythingBut(operand)
		case "numeric":
			return parseNumeric(operand)
		default:
			return nil, fmt.Errorf("stream: filter: infra/local does not know the operator %q", name)
		}
	}
	return nil, nil // not reached: the object has one field
}

// exactly compares texts, truth values and null as they are, numbers by value.
func exactly(want any) leaf {
	return func(value any, present bool) bool {
		if !present {
			return false
		}
		a, aIsNumber := want.(json.Number)
		b, bIsNumber := value.(json.Number)
		if aIsNumber && bIsNumber {
			x, errX := a.Float64()
			y, errY := b.Float64()
			return errX == nil && errY == nil && x == y
		}
		return want == value
	}
}

func parseExists(operand any) (leaf, error) {
	want, ok := operand.(bool)
	if !ok {
		return nil, errors.New(`stream: filter: "exists" takes true or false`)
	}
	return func(_ any, present bool) bool { return present == want }, nil
}

func parseAffix(operand any, holds func(value, affix string) bool) (leaf, error) {
	affix, ok := operand.(string)
	if !ok {
		return nil, errors.New("stream: filter: the operator takes a text")
	}
	return func(value any, _ bool) bool {
		text, ok := value.(string)
		return ok && holds(text, affix)
	}, nil
}

// parseAnythingBut takes a value, a list of values, or a prefix. What is absent is not anything.
func parseAnythingBut(operand any) (leaf, error) {
	var refused []leaf
	switch operand := operand.(type) {
	case []any:
		for _, one := range operand {
			if _, nested := one.(map[string]any); nested {
				return nil, errors.New(`stream: filter: "anything-but" takes no operators in a list`)
			}
			refused = append(refused, exactly(one))
		}
	case map[string]any:
		if _, isPrefix := operand["prefix"]; !isPrefix {
			return nil, errors.New(`stream: filter: "anything-but" knows no operator but "prefix"`)
		}
		one, err := parseAlternative(operand)
		if err != nil {
			return nil, err
		}
		refused = append(refused, one)
	default:
		refused = append(refused, exactly(operand))
	}
	if len(refused) == 0 {
		return nil, errors.New(`stream: filter: "anything-but" nothing`)
	}
	return func(value any, present bool) bool {
		for _, one := range refused {
			if one(value, present) {
				return false
			}
		}
		return present
	}, nil
}

var comparisons = map[string]func(a, b float64) bool{
	"=": func(a, b float64) bool { return a == b },
	"<": func(a, b float64) bool { return a < b }, "<=": func(a, b float64) bool { return a <= b },
	">": func(a, b float64) bool { return a > b }, ">=": func(a, b float64) bool { return a >= b },
}

// parseNumeric takes one comparison or two that must both hold: [">", 0, "<=", 5]. It never matches DynamoDB's own
// numbers, which are texts on the wire; Lambda says the same.
func parseNumeric(operand any) (leaf, error) {
	list, ok := operand.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return nil, errors.New(`stream: filter: "numeric" takes one or two comparisons`)
	}
	var all []func(float64) bool
	for i := 0; i < len(list); i += 2 {
		sign, _ := list[i].(string)
		bound, isNumber := list[i+1].(json.Number)
		holds, known := comparisons[sign]
		to, err := bound.Float64()
		if !known || !isNumber || err != nil {
			return nil, errors.New(`stream: filter: "numeric" takes pairs of a sign and a number`)
		}
		all = append(all, func(value float64) bool { return holds(value, to) })
	}
	return func(value any, _ bool) bool {
		number, ok := value.(json.Number)
		v, err := number.Float64()
		if !ok || err != nil {
			return false
		}
		for _, holds := range all {
			if !holds(v) {
				return false
			}
		}
		return true
	}, nil
}
