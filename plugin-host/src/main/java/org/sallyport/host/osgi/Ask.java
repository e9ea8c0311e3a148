package org.sallyport.host.osgi;

/**
 * One thing that a plugin asks for, and what becomes of it; all for people.
 *
 * @param what {@code import}, {@code offer}, {@code memory}, {@code timeout} …
 * @param name of what it is about: an import's module, an interface, a property; empty for limits
 * @param asks what the plugin asks for; {@code -} for nothing
 * @param granted {@code yes}, {@code no}, or how much of it
 * @param by the configurations that say so; {@code -} for none
 * @param why not, and what would do; or empty
 */
public record Ask(String what, String name, String asks, String granted, String by, String why) {}
