package org.sallyport.host.core;

import java.util.List;
import org.sallyport.host.ModuleFilter;

/** A host module that somebody offers. Compared by rank: the greater one is taken first. Equal if it is the same one. */
public interface HostOffer extends Comparable<HostOffer> {
    /** The object, or a {@link org.sallyport.host.HostModule} that makes one for each plugin. */
    Object service();

    /** The interfaces of the object whose methods are functions. */
    List<Class<?>> contracts();

    boolean matches(ModuleFilter filter);

    /** Whose it is, for people. */
    String owner();
}
