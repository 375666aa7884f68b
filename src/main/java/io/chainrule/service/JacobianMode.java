package io.chainrule.service;

/** In which direction Jacobians are computed; AUTO takes the one with fewer passes. */
public enum JacobianMode {
    AUTO,
    FORWARD,
    REVERSE
}
