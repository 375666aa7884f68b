package io.chainrule.service.models;

import io.chainrule.core.StoredProgram;
import io.chainrule.core.tensor.Tensor;
import java.util.Map;

/**
 * A version of a model that can be called.
 *
 * @param digest of its definition
 * @param values those that it keeps
 * @param bytes of memory that it takes
 */
public record Model(String digest, ModelDefinition definition, StoredProgram program, Map<String, Tensor> values, long bytes) {}
