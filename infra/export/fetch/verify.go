package fetch

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"twofold/pkg/export"
	"twofold/pkg/sign"
)

// Verify reads what is kept of an export and checks all of it, with the keys that are kept, or those of another file. Its error is an
// export.Flaw where a page is not as it should be: the first such.
func Verify(f Files, keyFile string) (export.Chain, error) {
	var none export.Chain
	if keyFile == "" {
		keyFile = f.Path + keys
	}
	jwks, err := os.ReadFile(keyFile)
	if err != nil {
		return none, err
	}
	verifier, err := sign.NewPageVerifier(jwks)
	if err != nil {
		return none, fmt.Errorf("%s: %w", keyFile, err)
	}
	pages, err := os.Open(f.Path)
	if err != nil {
		return none, err
	}
	defer pages.Close()
	lines, err := os.Open(f.Path + signatures)
	if err != nil {
		return none, err
	}
	defer lines.Close()
	return verify(verifier, pages, lines)
}

func verify(verifier *sign.PageVerifier, pages, lines io.Reader) (chain export.Chain, err error) {
	scanner := bufio.NewScanner(lines)
	for scanner.Scan() {
		page, err := cut(pages, scanner.Text())
		if err != nil {
			return chain, export.Flaw{Page: chain.Pages + 1, Why: err.Error()}
		}
		if err := add(verifier, &chain, scanner.Text(), page); err != nil {
			return chain, err
		}
	}
	if err := scanner.Err(); err != nil {
		return chain, export.Flaw{Page: chain.Pages + 1, Why: "its signature cannot be read"}
	}
	if err := chain.End(); err != nil {
		return chain, err
	}
	if n, _ := io.Copy(io.Discard, io.LimitReader(pages, 1)); n > 0 {
		return chain, export.Flaw{Page: chain.Pages + 1, Why: "there is more after the last page"}
	}
	return chain, nil
}

// cut takes a page off, as long as its signature says. Should that lie, the signature will not fit.
func cut(pages io.Reader, signature string) ([]byte, error) {
	size, err := sign.PageSize(signature)
	if err != nil {
		return nil, err
	}
	if size < 0 || size > maxAnswer {
		return nil, errors.New("it says that it is larger than pages are")
	}
	page := make([]byte, size)
	if _, err := io.ReadFull(pages, page); err != nil {
		return nil, errors.New("the file ends before it does")
	}
	return page, nil
}

// add checks a page and adds it to those before.
func add(verifier *sign.PageVerifier, chain *export.Chain, signature string, page []byte) error {
	h, err := verifier.Verify(signature, page)
	if err != nil {
		return export.Flaw{Page: chain.Pages + 1, Why: err.Error()}
	}
	return chain.Add(h, signature, page)
}
