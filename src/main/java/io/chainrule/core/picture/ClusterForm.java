package io.chainrule.core.picture;

/** Which circuits are drawn by statements, or by layers of a network, instead of by nodes: large ones and networks, none, or all. */
public enum ClusterForm {
    AUTO,
    NONE,
    ALL
}
