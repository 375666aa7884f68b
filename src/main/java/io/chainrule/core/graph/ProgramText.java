package io.chainrule.core.graph;

import java.util.Map;

/** A program as text. An input whose id cannot be written as a name is renamed: {@code renamedInputs} has the new name by id. */
public record ProgramText(String expression, Map<String, String> renamedInputs) {}
