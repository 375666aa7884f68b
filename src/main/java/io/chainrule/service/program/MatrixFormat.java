package io.chainrule.service.program;

/** How a matrix of derivatives is given: as an array, or by the entries that can be other than zero. */
public enum MatrixFormat {
    DENSE,
    COO
}
