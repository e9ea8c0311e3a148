package org.sallyport.text;

import java.util.EnumSet;
import java.util.Set;
import org.sallyport.wasm.Feature;

/**
 * How a text is read.
 *
 * @param names whether identifiers ({@code $id}) go into a name section, where backtraces find them; {@code @name}
 *     annotations always do
 * @param features proposals that the text may use. Only {@link Feature#MEMORY64} makes a difference here: without it,
 *     sizes of memories and tables are 32-bit numbers. All else is for the loader and the validator to refuse
 */
public record WatOptions(boolean names, Set<Feature> features) {
    public static final WatOptions DEFAULT = new WatOptions(false, EnumSet.allOf(Feature.class));

    public WatOptions {
        features = Set.copyOf(features);
    }

    public WatOptions withNames(boolean names) {
        return new WatOptions(names, features);
    }

    public WatOptions withFeatures(Set<Feature> features) {
        return new WatOptions(names, features);
    }
}
