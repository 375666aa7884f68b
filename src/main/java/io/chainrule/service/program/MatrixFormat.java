package io.chainrule.service.program;

/** How an answer writes a matrix of derivatives: as a dense array, or by the entries that can be nonzero. */
public enum MatrixFormat {
    DENSE,
    COO
}
