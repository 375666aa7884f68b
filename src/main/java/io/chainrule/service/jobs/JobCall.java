package io.chainrule.service.jobs;

import io.chainrule.core.language.Language;
import java.util.Map;

/**
 * What a job was asked for, and by whom.
 *
 * @param owner who owns the job, and the models that it calls
 * @param mayStore whether the client may store models
 * @param language of the texts in the answer
 * @param meant the version that each reference to a model or a data set meant when the job was accepted, as {@code digits@prod} to
 *        {@code digits:3}
 * @param request the field {@code request} of the body, as JSON
 */
public record JobCall(String owner, boolean mayStore, Language language, Map<String, String> meant, String request) {}
