//! What the answers of a page can't show: rows that are matched, numbers that come next, settings.

use super::kit::Shop;

const USERS: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, age INTEGER);
INSERT INTO users VALUES (1, 'Ann', 1), (2, 'Bob', NULL), (77, 'Cid', 3);";

const AGE: &str = "model User { id: INTEGER < primaryKey >, name: TEXT, age: INTEGER < allowNull: false, defaultValue: 0 > } < timestamps: false, tableName: users >
sync < alter >
";

#[track_caller]
fn held(shop: &Shop, script: &str) {
    assert_eq!(shop.held(script), Ok(Vec::new()));
}

#[test]
fn settings_stay() {
    let shop = Shop::new(
        "PRAGMA page_size = 8192; PRAGMA auto_vacuum = FULL; PRAGMA user_version = 7; PRAGMA application_id = 9;",
    );
    shop.execute(USERS);
    held(&shop, AGE);
    assert_eq!(shop.one("PRAGMA user_version"), "7");
    assert_eq!(shop.one("PRAGMA page_size"), "8192");
}
