package io.chainrule.core.grade;

/**
 * A statement of the program that binds a name.
 *
 * @param id the id of its node
 * @param name the name that it binds
 * @param isLast whether no later statement binds the name again
 * @param place the line of the text; 0 where the program is no text
 */
record Line(String id, String name, int node, boolean isLast, int place) {}
