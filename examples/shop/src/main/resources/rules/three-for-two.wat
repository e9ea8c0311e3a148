;; price(article, cents, count): every third piece is free. Tells the tenant's diary what was asked for.
(module $three-for-two
  (import "shop" "note" (func $note (param $text i32) (param $length i32)))
  (memory (export "memory") 1)
  (func (export "sallyport_alloc") (param $size i32) (result i32) (i32.const 1024))
  (func (export "price") (param $article i32) (param $length i32) (param $cents i64) (param $count i32) (result i64)
    (call $note (local.get $article) (local.get $length))
    (i64.mul
      (local.get $cents)
      (i64.extend_i32_u (i32.sub (local.get $count) (i32.div_u (local.get $count) (i32.const 3)))))))
