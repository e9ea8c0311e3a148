package org.sallyport.cli;

import java.util.Set;
import org.sallyport.wasm.Feature;
import org.sallyport.wasm.Proposal;

/**
 * What becomes of proposals here.
 *
 * @param on those that the command line allows
 * @param compiled those that the compiler has whole
 */
record Support(Set<Feature> on, Set<Feature> compiled) {

    boolean isWhole(Proposal proposal) {
        return proposal instanceof Feature feature && on.contains(feature) && compiled.contains(feature);
    }

    /** Why it keeps a module from running, if it does. */
    String state(Proposal proposal) {
        if (!(proposal instanceof Feature feature)) {
            return "not supported";
        }
        String off = on.contains(feature) ? "" : "off; --feature=" + feature.text() + " allows it";
        String lacks = compiled.contains(feature) ? "" : "the compiler lacks it, or parts of it";
        return off.isEmpty() || lacks.isEmpty() ? off + lacks : off + ", but " + lacks;
    }
}
