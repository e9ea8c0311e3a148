package org.sallyport;

import org.sallyport.wasm.Printable;

/** What a module offers. The name is the module's, with whatever characters; as text it is printable. */
public record ExportType(String name, EntityType type) {
    @Override
    public String toString() {
        return "\"" + Printable.name(name) + "\": " + type;
    }
}
