package io.chainrule.service.models;

import io.chainrule.core.StoredProgram;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;

/**
 * A version of a model that can be called.
 *
 * @param values those that it keeps
 */
public record Model(ModelDefinition definition, StoredProgram program, Map<String, Tensor> values) {}
