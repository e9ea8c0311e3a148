package org.sallyport;

import org.sallyport.wasm.Printable;

/** What a module asks for. The names are those of the module, with whatever characters; as text they are printable. */
public record ImportType(String module, String name, EntityType type) {
    @Override
    public String toString() {
        return "\"" + Printable.name(module) + "\" \"" + Printable.name(name) + "\": " + type;
    }
}
