package org.sallyport.host.core;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.sallyport.host.ModuleFilter;

/**
 * Which host modules may stand behind the imports from one module.
 *
 * @param module name of the imports' module
 * @param ask what the plugin's manifest asks for besides, or null
 * @param granted what grants allow: one of them must match. None: nothing may be bound
 */
public record ModuleWish(String module, @Nullable ModuleFilter ask, List<ModuleFilter> granted) {
    public ModuleWish {
        granted = List.copyOf(granted);
    }

    /** The filter of what is asked for, granted or not. */
    public String asked() {
        ModuleFilter own = ModuleFilter.module(module);
        return ask == null ? own.toString() : "(&" + own + ask + ")";
    }

    /** The filter of what is asked for and granted; not to be asked for where nothing is granted. */
    public String filter() {
        return "(&" + asked()
                + granted.stream().map(ModuleFilter::toString).distinct().collect(Collectors.joining("", "(|", ")")) + ")";
    }

    public boolean isAskedFor(Map<String, ?> properties) {
        return ModuleFilter.module(module).matches(properties) && (ask == null || ask.matches(properties));
    }

    public boolean isGranted(Map<String, ?> properties) {
        return isAskedFor(properties) && granted.stream().anyMatch(filter -> filter.matches(properties));
    }
}
