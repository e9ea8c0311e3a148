package org.sallyport.host.impl;

import java.util.Map;

/** Where security-relevant happenings go: denials, traps, stops, changes of state. */
interface Audit {
    /** @param kind last part of the topic: {@code DENIED}, {@code TRAP}, {@code STOPPED}, {@code STATE} */
    void event(String kind, String plugin, String message, Map<String, ?> details);
}
