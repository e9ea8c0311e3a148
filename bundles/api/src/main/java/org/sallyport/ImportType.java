package org.sallyport;

/** What a module asks for. */
public record ImportType(String module, String name, EntityType type) {
    @Override
    public String toString() {
        return "\"" + module + "\" \"" + name + "\": " + type;
    }
}
