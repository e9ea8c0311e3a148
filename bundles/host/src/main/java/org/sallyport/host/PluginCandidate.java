package org.sallyport.host;

/**
 * What wants to be a plugin and is none: it is being compiled, or it was refused. One that was refused is tried again when
 * its bundle or file changes.
 *
 * @param id the plugin's id, or what comes nearest: the name of its bundle or file
 * @param source where it comes from, for people: file or bundle
 * @param state {@link PluginState#COMPILING} or {@link PluginState#REFUSED}
 * @param reason why it was refused, and what to do; empty while it is compiled
 */
public record PluginCandidate(String id, String source, PluginState state, String reason) {}
