;; Imports what rehearsal.wat exports (Rehearsal).
(module $importing
  (import "r" "memory" (memory 1))
  (import "r" "table" (table 1 funcref))
  (import "r" "global" (global $global (mut i64)))
  (import "r" "add" (func $add (param i32 i32) (result i32)))
  (table 2 externref)
  (global (mut externref) (ref.null extern))
  (func (export "add") (param i32) (result i32) (call $add (local.get 0) (i32.load (i32.const 8))))
  (export "again" (func $add)))
