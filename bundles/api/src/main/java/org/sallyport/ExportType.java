package org.sallyport;

/** What a module offers. */
public record ExportType(String name, EntityType type) {
    @Override
    public String toString() {
        return "\"" + name + "\": " + type;
    }
}
