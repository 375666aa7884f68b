package io.chainrule.service.program;

/**
 * The lengths of the parts of a ledger beside ids and numbers: of an entry and of a contribution, whose sentences come twice, of a form in
 * all its languages, and of a term of a formula.
 */
record LedgerText(int entry, int contribution, int form, int term) {
    static final LedgerText FULL = new LedgerText(750, 430, 1000, 260);
    static final LedgerText SHORT = new LedgerText(650, 280, 1000, 260);
}
